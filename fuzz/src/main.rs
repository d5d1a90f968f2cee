//! One fuzzing target: the one that the binary is named by.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    static TARGET: std::sync::OnceLock<Option<tansiq_fuzz::Target>> = std::sync::OnceLock::new();
    match TARGET.get_or_init(|| tansiq_fuzz::named(env!("CARGO_BIN_NAME"))) {
        Some(target) => target(data),
        // A target without a body would find nothing for ever.
        None => std::process::abort(),
    }
});
