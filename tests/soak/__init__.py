"""Tests of the soak's own judgement, and a very short soak."""
