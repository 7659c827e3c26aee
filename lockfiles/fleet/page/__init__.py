"""A fleet as one HTML page: what the page holds, made of the records, and the page itself."""
