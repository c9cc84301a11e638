"""What happens, in order. Deterministic: knows the domain and the activities' signatures, nothing else."""
