"""The way over from the predecessor's tables, its proof, and the way back."""
