package views

import (
	"os"
	"testing"

	"computeunits/bot/golden"
)

func TestMain(m *testing.M) { os.Exit(golden.Main(m)) }
