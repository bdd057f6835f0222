"""Layer Lab's engine: recipes, data, teachers, students, distillation, the run store and the worker."""
