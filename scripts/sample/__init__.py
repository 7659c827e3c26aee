"""Facts and writers of the embedded sample (see ``scripts/make_sample.py``)."""
