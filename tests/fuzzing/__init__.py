"""Every parser of what strangers write, as a function of bytes; and seeds for it."""
