"""The parts of the sweep through every method of three classes."""
