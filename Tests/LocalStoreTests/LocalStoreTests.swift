// The client's disk: what comes back after a restart, who looks after it, and what happens when it cannot be written.
