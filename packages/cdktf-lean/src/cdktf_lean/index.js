// Runs inside the jsii kernel, before the provider is unpacked, and makes the provider's main file, which
// requires every resource, answer with the lazy index that the provider ships beside it.
'use strict';

const fs = require('fs');
const Module = require('module');
const path = require('path');

const { provider } = require('./package.json').cdktfLean;

const INDEX_MANIFEST = /^\.jsii\.runtime\.v\d+\.json$/;
const INDEX_PATIENCE_MS = 4000;

const home = path.resolve(__dirname, '..', '..', ...provider.split('/'));
const eager = path.join(home, 'lib', 'index.js');
const lazy = path.join(home, 'lib', 'lazy-index.js');

const standIn = new Module(eager);
standIn.filename = eager;
standIn.loaded = true;
// A getter, because neither file exists yet.
Object.defineProperty(standIn, 'exports', { configurable: true, enumerable: true, get: enter });
require.cache[eager] = standIn;

function enter() {
  awaitIndexAtExit();
  if (!fs.existsSync(lazy)) {
    delete require.cache[eager];
    console.error(`cdktf_lean: ${provider} has no lib/lazy-index.js. Everything still works, only slower.`);
    return require(eager);
  }
  const value = require(lazy);
  // Every app needs it, it is the largest, and Python does not wait while a package is loaded.
  void value.provider;
  Object.defineProperty(standIn, 'exports', { configurable: true, enumerable: true, writable: true, value });
  return value;
}

// jsii indexes the types of a newly cached package in a worker thread. A lean run ends before the worker does,
// and without the index every later run would parse the whole assembly again. One listener waits for all providers,
// because Node warns of more than ten.
function awaitIndexAtExit() {
  if (!isWritableCacheEntry() || isIndexed()) return;
  const awaited = (globalThis.cdktfLeanAwaited ??= []);
  awaited.push(isIndexed);
  if (awaited.length > 1) return;
  const never = new Int32Array(new SharedArrayBuffer(4));
  // Ahead of jsii's own listener, which removes the link to the cache entry.
  process.prependOnceListener('exit', () => {
    const deadline = Date.now() + INDEX_PATIENCE_MS;
    while (!awaited.every((isThere) => isThere()) && Date.now() < deadline) Atomics.wait(never, 0, 0, 20);
  });
}

function isWritableCacheEntry() {
  try {
    fs.accessSync(home, fs.constants.W_OK);
    return fs.lstatSync(home).isSymbolicLink();
  } catch {
    return false;
  }
}

function isIndexed() {
  return fs.readdirSync(home).some((file) => INDEX_MANIFEST.test(file));
}
