"""What happened: from what the stages tell to events that are stored, told and kept for as long as they should be."""
