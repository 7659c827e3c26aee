"""A lockfile beside its sources as they are today: what is gone, changed, withdrawn or vulnerable."""
