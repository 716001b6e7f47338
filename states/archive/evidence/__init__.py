"""Filed evidence: what partners and others gave to show that something is so, kept as it came."""
