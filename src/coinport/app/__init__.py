"""Floor 5, the assembly: config, wiring, command line, telemetry. It alone knows every class."""
