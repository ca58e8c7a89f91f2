"""What wrong rules of differentiation write down, by what they are applied to."""
