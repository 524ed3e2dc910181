#!/usr/bin/env node
// npm links this before anything is built; what it runs is the build's.
import '../dist/cli/main.js';
