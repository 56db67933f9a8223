"""What happens without anybody pressing a button; each job is run(now) -> JobResult."""
