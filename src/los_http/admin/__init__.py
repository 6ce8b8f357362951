"""What super administrators call."""
