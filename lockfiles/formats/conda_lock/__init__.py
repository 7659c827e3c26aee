"""conda-lock.yml: resolutions to values, values to text, and both ways back."""
