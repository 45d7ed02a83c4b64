"""Small languages that several sites share: JSON bodies, dates, addresses, a lookup that insists."""
