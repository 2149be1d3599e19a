"""Who serves a place: coverage of posts, forces to call upon, business lines and nominations."""
