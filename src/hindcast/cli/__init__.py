"""The command line: reads arguments, asks the services, shows what they say."""
