"""The club as AWS resources: what stands where, under which rights, made of which packages."""
