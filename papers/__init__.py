"""What README and docs show and nobody writes by hand: transcripts, pictures, the way to the page of each site."""
