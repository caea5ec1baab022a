"""The peer: how a good engineer would write the same reads today, without a catalogue."""
