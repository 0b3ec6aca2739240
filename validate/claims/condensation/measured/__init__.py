"""What is predicted and measured on a unit of the claims on condensation."""
