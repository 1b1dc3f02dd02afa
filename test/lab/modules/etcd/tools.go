//go:build tools

// Package tools pins the command that the lab builds, so that go.mod and go.sum name every module it needs.
package tools

import _ "go.etcd.io/etcd/server/v3"
