"""What must happen later: dispatch of the job table, in process or by a broker."""
