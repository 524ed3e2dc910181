// Checks a log's directory with the transparency ecosystem's own tools: the note and tree of the Go checksum
// database, and the file system check of Tessera. Prints the log's size and root, or fails.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if err := check(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(directory, origin, vkey string) error {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(directory + "/checkpoint")
	if err != nil {
		return err
	}
	opened, err := note.Open(raw, note.VerifierList(verifier))
	if err != nil {
		return err
	}
	// Its workers stop at the first fault and leave its queue, which is N long, to fill up: N is more than the
	// tiles of a log that is tampered with here.
	files := client.FileFetcher{Root: directory}
	if err := fsck.New(origin, verifier, files, leafHashes, fsck.Opts{N: 64}).Check(context.Background()); err != nil {
		return err
	}
	var size int64
	var named, root string
	if _, err := fmt.Sscanf(opened.Text, "%s\n%d\n%s\n", &named, &size, &root); err != nil {
		return err
	}
	fmt.Println(size, root)
	return nil
}

func leafHashes(bundle []byte) ([][]byte, error) {
	var hashes [][]byte
	for len(bundle) > 0 {
		if len(bundle) < 2 {
			return nil, fmt.Errorf("cut off")
		}
		end := 2 + int(bundle[0])<<8 + int(bundle[1])
		if len(bundle) < end {
			return nil, fmt.Errorf("cut off")
		}
		hash := tlog.RecordHash(bundle[2:end])
		hashes = append(hashes, hash[:])
		bundle = bundle[end:]
	}
	return hashes, nil
}
