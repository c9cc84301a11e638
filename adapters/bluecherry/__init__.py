"""CGS BlueCherry: documents go over in batch files, acknowledged in files; a read API shows what became of them."""
