import Glibc

/// A folder of its own for one test, removed with this value and the files in it.
package final class TemporaryFolder {
  /// Where it is.
  package let path: String

  /// Makes the folder where the system keeps what is temporary.
  package init() {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? P_tmpdir
    var template = Array("\(parent)/sparse-recovery-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? ""
    precondition(!path.isEmpty, "no folder for a test")
  }

  /// The path of `name` in this folder, which need not exist.
  package func callAsFunction(_ name: String) -> String { path + "/" + name }

  /// The names in this folder, in order.
  package var files: [String] { fileNames(in: path) }

  deinit {
    for name in files { remove(self(name)) }
    rmdir(path)
  }
}

/// The names in a folder, in order; none where there is no such folder.
func fileNames(in path: String) -> [String] {
  guard let folder = opendir(path) else { return [] }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted()
}
