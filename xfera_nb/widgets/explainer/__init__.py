"""Explain one face live: its map, its Action Units and a text."""
