"""Questions on a case: what they are about, who is asked, what is told, and what the case file holds of them."""
