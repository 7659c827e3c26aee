"""Sources that lie, leak, hang and burst: what the command makes of them."""
