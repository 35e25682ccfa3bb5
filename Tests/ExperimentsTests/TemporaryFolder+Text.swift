import Glibc
import TestSupport

@testable import Experiments

extension TemporaryFolder {
  func write(_ text: String, to name: String) -> String {
    let file = self(name)
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    precondition(Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count)
    close(descriptor)
    return file
  }

  func text(_ name: String) throws -> String {
    String(decoding: try fileBytes(self(name)), as: UTF8.self)
  }
}
