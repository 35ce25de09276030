package ledger

import (
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// migrations are the steps of the schema, numbered without gaps from 0001. A
// step that was released is never changed: a later one corrects it.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrationSteps reads the steps in order.
func migrationSteps(files fs.FS) ([]string, error) {
	names, err := fs.Glob(files, "migrations/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	steps := make([]string, len(names))
	for i, name := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		if n, err := strconv.Atoi(number); err != nil || n != i+1 {
			return nil, fmt.Errorf("the schema's step %s should be number %04d", name, i+1)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		steps[i] = string(text)
	}
	return steps, nil
}
