"""走访: who was visited when, by plan and by duty; care, contact members, sponsors of buildings."""
