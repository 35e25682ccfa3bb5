import Glibc

/// What so many threads answer that run at once, each given its number: threads of the system, as many
/// as asked for, whatever the number of cores. All of them have ended, and hold nothing any more.
package func onThreads<Answer: Sendable>(
  _ count: Int, _ body: @escaping @Sendable (Int) throws -> Answer
) -> [Result<Answer, any Error>] {
  let answers = (0..<count).map { _ in Box<Result<Answer, any Error>>() }
  let threads = answers.enumerated().map { number, answer in
    // Taken by the thread, which lets go of it before it ends.
    let work = Unmanaged.passRetained(Work { answer.value = Result { try body(number) } })
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { work in
        if let work { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    precondition(code == 0, "no thread for a test")
    return thread
  }
  for thread in threads { pthread_join(thread, nil) }
  return answers.compactMap(\.value)
}

/// A place for an answer: written by one thread, and read when that has ended.
private final class Box<Value>: @unchecked Sendable {
  var value: Value?
}

private final class Work {
  let body: () -> Void

  init(_ body: @escaping () -> Void) { self.body = body }
}
