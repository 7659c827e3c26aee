"""Input files -> requirements; requests for channels and machines -> their values.

Pure: the caller reads files and hands in variables.
"""
