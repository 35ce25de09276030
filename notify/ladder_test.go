package notify

// noon is the moment of tests that need just one.
