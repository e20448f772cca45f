"""From an access log to a promotion's load: read, learn, amplify by more sessions, score, play."""
