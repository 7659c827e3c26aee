"""The machine that a job will run on: images, VM sizes, GPUs and drivers.

What flags say becomes facts about it; ``lock`` and ``lock check`` read the same ones.
"""
