"""How near a case is to what a bank asks for: points by section, and who owes each that is missing."""
