"""Where facilities should stand: solvers that prove their answer or say how far off it can be."""
