"""Patch sheets: a panel as a drawing, as words, as moves from another, as a short code; and chance panels."""
