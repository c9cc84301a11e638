"""The four tracks of a return and the intake desk. They run side by side; a parked one never blocks another (N5)."""
