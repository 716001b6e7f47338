"""Many things done one by one: what fails with one concerns that one alone, and is written down."""
