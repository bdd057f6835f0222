"""The guided start: five steps on the Lab, what each sets, and what people often believe."""
