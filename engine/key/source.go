package key

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"rhea/engine"
)

// Options say where references lead.
type Options struct {
	// Dir is what relative paths start from.
	Dir string
	// LookupEnv looks up environment variables.
	LookupEnv func(string) (string, bool)
}

// maxSecret is how many bytes of a file are read.
const maxSecret = 16 << 10

// ReadSecret reads any secret, such as a token or a bunker address, that is not necessarily a key. White space
// around it is dropped.
func ReadSecret(ref engine.SecretRef, o Options) (secret engine.Secret, warnings []string, err error) {
	var text string
	switch {
	case count(ref.Env != "", ref.File != "", ref.Credential != "") != 1:
		return engine.Secret{}, nil, errors.New("say where the secret is: one of env, file or credential")
	case ref.Env != "":
		text, err = o.fromEnv(ref.Env)
	case ref.File != "":
		text, warnings, err = o.fromFile(ref.File)
	default:
		text, err = o.fromCredential(ref.Credential)
	}
	if err != nil {
		return engine.Secret{}, nil, err
	}
	return engine.NewSecret(text), warnings, nil
}

func (o Options) fromEnv(name string) (string, error) {
	if looksSecret(name) {
		return "", errors.New("env takes the name of a variable, not the key itself")
	}
	text, ok := "", false
	if o.LookupEnv != nil {
		text, ok = o.LookupEnv(name)
	}
	text = strings.TrimSpace(text)
	switch {
	case !ok:
		return "", absent("the environment variable " + name + " is not set")
	case text == "":
		return "", fmt.Errorf("the environment variable %s is empty", name)
	}
	return text, nil
}

// absent is the error for what is not there; it is [fs.ErrNotExist], as it is where a file is named.
type absent string

func (a absent) Error() string        { return string(a) }
func (a absent) Is(target error) bool { return target == fs.ErrNotExist }

func (o Options) fromFile(name string) (text string, warnings []string, err error) {
	if looksSecret(name) {
		return "", nil, errors.New("file takes the path of a file, not the key itself")
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(o.Dir, name)
	}
	text, mode, err := readFile(name)
	if err != nil {
		return "", nil, err
	}
	if runtime.GOOS != "windows" && mode.Perm()&0o077 != 0 {
		warnings = []string{fmt.Sprintf("%s can be read by others (%s); run: chmod 600 %s", name, mode.Perm(), name)}
	}
	return text, warnings, nil
}

// fromCredential reads a credential that systemd hands to a service.
func (o Options) fromCredential(name string) (string, error) {
	if looksSecret(name) {
		return "", errors.New("credential takes the name of a credential, not the key itself")
	}
	if !filepath.IsLocal(name) || filepath.Base(name) != name {
		return "", fmt.Errorf("%q is not the name of a credential", name)
	}
	dir, ok := "", false
	if o.LookupEnv != nil {
		dir, ok = o.LookupEnv("CREDENTIALS_DIRECTORY")
	}
	if !ok || dir == "" {
		return "", fmt.Errorf("$CREDENTIALS_DIRECTORY is not set; the service needs LoadCredential=%s:/path/of/the/key", name)
	}
	text, _, err := readFile(filepath.Join(dir, name))
	return text, err
}

func readFile(name string) (text string, mode fs.FileMode, err error) {
	// Opening a pipe would wait for its writer.
	if info, err := os.Stat(name); err != nil {
		return "", 0, err
	} else if info.IsDir() {
		return "", 0, fmt.Errorf("%s is a directory; write the path of a file with the key in it", name)
	} else if !info.Mode().IsRegular() {
		return "", 0, fmt.Errorf("%s is a pipe or a device; write the path of a file with the key in it", name)
	}
	file, err := os.Open(name)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return "", 0, err
	}
	data, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err != nil {
		return "", 0, err
	}
	text = strings.TrimSpace(string(data))
	switch {
	case len(data) > maxSecret:
		return "", 0, fmt.Errorf("%s is larger than %d KiB; it holds no key", name, maxSecret>>10)
	case text == "":
		return "", 0, fmt.Errorf("%s is empty", name)
	}
	return text, info.Mode(), nil
}

var secretForm = regexp.MustCompile(`(?i)nsec1|ncryptsec1|[0-9a-f]{64}|bunker://`)

// looksSecret recognises a key in the place of a name; an error must not repeat it.
func looksSecret(name string) bool { return secretForm.MatchString(name) }

func count(set ...bool) (n int) {
	for _, s := range set {
		if s {
			n++
		}
	}
	return n
}
