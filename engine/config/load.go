package config

// Load reads a configuration from files, or from all *.yaml and *.yml files of a directory. The error is of type
// [Problems] when the files could be read.
func Load(paths []string, opts Options) (*File, error) { return nil, Problems{} }

// Parse reads a configuration from one text; name stands for the file in messages.
func Parse(name string, data []byte, opts Options) (*File, error) { return nil, Problems{} }
