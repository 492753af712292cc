// Runs in the kernel's process before the kernel itself: scripts that ran before need not be compiled again, files that
// were hashed before need not be read again, and what cdktf loads for assets alone waits until an app has one.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const Module = require('module');
const path = require('path');
const v8 = require('v8');
const vm = require('vm');
const { isMainThread, Worker } = require('worker_threads');

const MOST_BYTES = 32 * 1024 * 1024;
const PLACE_BYTES = 80;
const WRITABLE_BY_OTHERS = 0o022;
const LARGE_BYTES = 4 * 1024 * 1024;
const LARGE_ASSEMBLY_BYTES = 1024 * 1024;
const MOST_DIGESTS = 100;
const DIGEST_BYTES = 32;
const INDEX_PATIENCE_MS = 10_000;
const DYNAMIC_IMPORT = /\bimport\s*\(/;

// Whoever loads code of their own into every Node may change how modules load. That is theirs alone then.
const LOADS_CODE = /(^|\s)(-r|--(require|import|loader|experimental-loader|inspect\S*|cpu-prof\S*)\b)/;

// jsii refuses to work where its cache cannot be written, or is one that others can write. Unless that is where the user
// wants it, the packages are then unpacked for this run alone.
let isUncached = false;
globalThis.cdktfLeanUncached = (error) => {
  if (process.env.JSII_RUNTIME_PACKAGE_CACHE_ROOT) return false;
  isUncached = true;
  const reason = `the package cache ${error.cacheRoot} cannot be used (${error.cause?.message ?? error.message})`;
  console.error(`cdktf_lean: ${reason}, so every run unpacks the packages. Everything still works, only slower.`);
  return true;
};

// Load a module that is a function when it is first used, where one file requires it.
function waitWith(name, where) {
  const load = Module._load;
  Module._load = function (request, parent, isMain) {
    if (request !== name || !parent || !String(parent.filename).endsWith(where)) return load.apply(this, arguments);
    let real;
    const get = () => (real ??= load(request, parent, isMain));
    return new Proxy(function () {}, {
      apply: (_, self, values) => Reflect.apply(get(), self, values),
      get: (_, key) => get()[key],
    });
  };
}

// jsii names what it has unpacked after the digest of its archive, and hashes every archive in every run. The kernel
// asks here instead, and what a large file's was is remembered as long as it is the same file, unchanged.
function keepDigests(file) {
  let known = {};
  let isNews = false;
  try {
    known = JSON.parse(readOwn(file));
  } catch {
    // There are none yet.
  }
  globalThis.cdktfLeanDigest = (compute, archive, comments) => {
    const { dev, ino, size, mtimeNs, ctimeNs } = fs.statSync(archive, { bigint: true });
    if (size < LARGE_BYTES) return compute();
    const key = [archive, dev, ino, size, mtimeNs, ctimeNs, ...comments].join(' ');
    const found = known[key];
    if (typeof found === 'string') return Buffer.from(found, 'base64');
    const computed = compute();
    known = { ...Object.fromEntries(Object.entries(known).slice(-MOST_DIGESTS)), [key]: computed.toString('base64') };
    isNews = true;
    return computed;
  };
  process.on('exit', () => isNews && write(file, JSON.stringify(known)));
}

// jsii reads the definitions of all types of a package, 33 MB for AWS, and takes some of them. Here each is read by itself.
function readParts(file) {
  const descriptor = fs.openSync(file);
  return {
    toString(encoding, start, end) {
      const part = Buffer.allocUnsafe(end - start);
      return part.toString(encoding, 0, fs.readSync(descriptor, part, 0, part.length, start));
    },
  };
}

// jsii makes a map of the names of all types of a package, 23,000 for AWS, to find some of them. They are in order, one
// in a line; what is not found here, jsii looks for in its map.
function findRows() {
  const known = new WeakMap();
  globalThis.cdktfLeanRow = (index, start, length, name) => {
    if (!known.has(index)) known.set(index, lines(index.latin1Slice(start, start + length)));
    const { text, starts } = known.get(index);
    let low = 0;
    let high = starts.length - 2;
    while (low <= high) {
      const row = (low + high) >> 1;
      const found = text.slice(starts[row], starts[row + 1] - 1);
      if (found === name) return row;
      if (found < name) low = row + 1;
      else high = row - 1;
    }
    return undefined;
  };
}

function lines(text) {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  starts.push(text.length + 1);
  return { text, starts };
}

// jsii parses an assembly that it has just unpacked, and then a thread parses it again and leaves an index of its types.
// Here that thread begins as soon as the assembly itself is unpacked, beside all the rest, and the kernel waits for the
// index and parses nothing. It is jsii's own thread, and leaves what it always leaves.
function indexWhileUnpacking() {
  const script = path.join(path.dirname(process.argv[1]), 'runtime-index-worker.js');
  const begun = new Map();
  globalThis.cdktfLeanUnpack = (unpack, folder) => {
    let assembly;
    unpack.on('entry', (entry) => {
      // What follows the assembly is there as soon as the assembly is whole.
      if (assembly) begun.set(fs.realpathSync(folder), begin(script, folder));
      assembly = path.basename(String(entry.path)) === '.jsii' && entry.size >= LARGE_ASSEMBLY_BYTES;
    });
  };
  globalThis.cdktfLeanIndex = (folder) => {
    if (begun.size) begun.get(fs.realpathSync(folder))?.();
  };
}

// Start jsii's thread, and return what waits for its end.
function begin(script, packageDir) {
  const ended = new Int32Array(new SharedArrayBuffer(4));
  const run = `
    const { workerData } = require('worker_threads');
    try { require(workerData.script); } finally { Atomics.store(workerData.ended, 0, 1); Atomics.notify(workerData.ended, 0); }
  `;
  const workerData = { packageDir, supportedFeatures: globalThis.cdktfLeanFeatures ?? [], script, ended };
  const worker = new Worker(run, { eval: true, workerData });
  // Without an index the kernel does what it always does.
  worker.on('error', () => {});
  worker.unref();
  return () => Atomics.wait(ended, 0, 0, INDEX_PATIENCE_MS);
}

// Newer versions of Node keep compiled scripts by themselves, but by the path of each, and the kernel's are in another
// folder in every run. Here they are kept by the digest of their source, all in one file: a digest of what follows, the
// length of a table, the table of places, and the compiled code. The file is read whole in every run of every program, so
// it never has more than MOST_BYTES: a program with more keeps nothing, and leaves what others kept.
class Compiled {
  #file;
  #table = {};
  #code = Buffer.alloc(0);
  #scripts = new Map();
  #isNews = false;

  constructor(file) {
    this.#file = file;
    try {
      if (fs.statSync(file).size > MOST_BYTES) {
        fs.unlinkSync(file);
        return;
      }
      const content = readOwn(file);
      const rest = content.subarray(DIGEST_BYTES);
      if (!digest(rest).equals(content.subarray(0, DIGEST_BYTES))) return;
      const length = rest.readUInt32LE(0);
      this.#table = JSON.parse(rest.toString('utf8', 4, 4 + length));
      this.#code = rest.subarray(4 + length);
    } catch {
      // There is none yet, or it is nothing that was written here: it is made anew.
    }
  }

  use() {
    const compiled = this;
    const compile = Module.prototype._compile;
    Module.prototype._compile = function (content, filename, format) {
      const script = (format ?? 'commonjs') === 'commonjs' ? compiled.#script(content, filename) : undefined;
      if (!script) return compile.apply(this, arguments);
      const run = script.runInThisContext();
      const values = [this.exports, requireOf(this), this, filename, path.dirname(filename)];
      return Reflect.apply(run, this.exports, values);
    };
    process.on('exit', () => this.#keep());
  }

  // Return the script; nothing for one that is more than vm.Script can do: what imports, or is no CommonJS at all.
  #script(content, filename) {
    if (DYNAMIC_IMPORT.test(content) || content.startsWith('#!')) return undefined;
    const key = digest(content).toString('base64');
    const [begin, end] = this.#table[key] ?? [0, 0];
    const cachedData = end ? this.#code.subarray(begin, end) : undefined;
    let script;
    try {
      script = new vm.Script(Module.wrap(content), { filename, cachedData });
    } catch {
      return undefined;
    }
    if (!cachedData || script.cachedDataRejected) this.#isNews = true;
    this.#scripts.set(key, script);
    return script;
  }

  // At the exit, because what was called is compiled by then.
  #keep() {
    if (!this.#isNews) return;
    const parts = new Map();
    let bytes = 0;
    for (const [key, script] of this.#scripts) {
      const code = script.createCachedData();
      if ((bytes += code.length + PLACE_BYTES) > MOST_BYTES) return;
      parts.set(key, code);
    }
    for (const [key, [begin, end]] of Object.entries(this.#table)) {
      if (parts.has(key) || bytes + end - begin + PLACE_BYTES > MOST_BYTES) continue;
      bytes += end - begin + PLACE_BYTES;
      parts.set(key, this.#code.subarray(begin, end));
    }
    const table = {};
    let place = 0;
    for (const [key, code] of parts) table[key] = [place, (place += code.length)];
    const names = Buffer.from(JSON.stringify(table));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(names.length);
    const rest = Buffer.concat([length, names, ...parts.values()]);
    write(this.#file, Buffer.concat([digest(rest), rest]));
  }
}

// Of another user nothing is read: what is compiled is executed.
function readOwn(file) {
  const descriptor = fs.openSync(file);
  try {
    const { uid, mode } = fs.fstatSync(descriptor);
    const isOwn = !process.getuid || uid === process.getuid() || uid === 0;
    if (!isOwn || mode & WRITABLE_BY_OTHERS) throw new Error(`${file} may be another user's`);
    return fs.readFileSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

// Whole or not at all. Whoever cannot write here goes on without.
function write(file, content) {
  if (isUncached) return;
  const partial = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    removeAbandoned(file);
    fs.writeFileSync(partial, content, { mode: 0o644 });
    fs.renameSync(partial, file);
  } catch {
    try {
      fs.unlinkSync(partial);
    } catch {
      // It was not even begun.
    }
  }
}

// What a process that was killed had begun to write.
function removeAbandoned(file) {
  const begun = `${path.basename(file)}.`;
  for (const name of fs.readdirSync(path.dirname(file))) {
    const pid = name.startsWith(begun) ? Number(name.slice(begun.length)) : 0;
    if (pid > 0 && !isRunning(pid)) fs.unlinkSync(path.join(path.dirname(file), name));
  }
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}

function digest(content) {
  return crypto.createHash('sha256').update(content).digest();
}

function requireOf(module) {
  const require = (id) => module.require(id);
  require.resolve = (request, options) => Module._resolveFilename(request, module, false, options);
  require.resolve.paths = (request) => Module._resolveLookupPaths(request, module);
  require.main = process.mainModule;
  require.extensions = Module._extensions;
  require.cache = Module._cache;
  return require;
}

// At the end, where the class is known.
if (isMainThread && !LOADS_CODE.test(process.env.NODE_OPTIONS || '')) {
  waitWith('archiver', path.join('cdktf', 'lib', 'private', 'fs.js'));
  globalThis.cdktfLeanParts = readParts;
  findRows();
  const folder = process.env.CDKTF_LEAN_COMPILED;
  if (folder) {
    indexWhileUnpacking();
    keepDigests(path.join(folder, 'digests.json'));
    new Compiled(path.join(folder, `${process.arch}-${v8.cachedDataVersionTag().toString(16)}.bin`)).use();
  }
}
