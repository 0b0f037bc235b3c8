package engine

import (
	"embed"
	"io/fs"
)

// sources are the files that declare what configurations and expressions know of this package: [SecretRef], [Scope].
//
//go:embed secret.go signal.go
var sources embed.FS

// Sources returns the files of this package whose comments users read; see [TriggerKind.Documented].
func Sources() fs.FS { return sources }
