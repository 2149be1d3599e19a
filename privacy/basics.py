"""What the apps below hold of people, and how long."""
