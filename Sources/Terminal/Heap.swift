internal import CTerminal

/// What the C library keeps of the memory given back to it.
package enum Heap {
    /// One person's chat needs no heap for each thread and little kept in hand: a megabyte less. To be called before
    /// other threads are started.
    package static func beFrugal() { ct_heap_be_frugal() }
}
